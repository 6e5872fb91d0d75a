"""A believable month of a shop's reports: reports.jsonl holds the real and labelled ones, month.py tells the stories, fill.py records."""
