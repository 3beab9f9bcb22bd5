"""One verb each, with one skeleton: VALIDATE, AUTHORISE, EFFECT, REPLY."""
