"""The same verbs as the screens, without a browser (design 9, a contract).

Standard output carries the answer and nothing else; messages and progress go
to standard error. Commands import what they need when they run.
"""
