"""What a page may load and where its forms may go: the Content-Security-Policy, written once."""


def policy(*, form_action: str = "'self'") -> str:
    """The Content-Security-Policy of a page. Browsers hold redirects after a form to `form_action` too."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; manifest-src 'self'; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
    )
