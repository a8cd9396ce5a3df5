"""Token counts for ``usage``: a tokenizer, and what a request and its answer weigh."""

from mockserver.tokens.answer import count_output
from mockserver.tokens.estimator import Estimator
from mockserver.tokens.prompt import count_frame, count_input, count_item, visible
from mockserver.tokens.tokenizer import Tokenizer, TokenizerUnavailable, open_tokenizer

__all__ = [
    "Estimator",
    "Tokenizer",
    "TokenizerUnavailable",
    "count_frame",
    "count_input",
    "count_item",
    "count_output",
    "open_tokenizer",
    "visible",
]
