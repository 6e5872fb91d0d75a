"""Flash files that run script from their address, for object-src: reference to `host path`. Both are known to csp-evaluator 1.1.6."""

from __future__ import annotations

from policies.bypasses.references import EVALUATOR, JSONBEE

FLASH: dict[str, str] = {
    JSONBEE: "ajax.googleapis.com /ajax/libs/yui/2.8.0r4/build/charts/assets/charts.swf",
    EVALUATOR: "vk.com /swf/video.swf",
}
