"""The catalogue template as data: the shipped default and the loader that checks it.

Gives `load_template`; the values are those of `yihu.template`. Never decides
what a household must keep: that is the rule engine's job, over this data.
"""

from catalog.template.loader import load_template

__all__ = ["load_template"]
