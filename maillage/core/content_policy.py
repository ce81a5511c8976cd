"""What a page may load, where its forms may go and what of the device it may use: two headers, written once."""


def policy(*, form_action: str = "'self'") -> str:
    """The Content-Security-Policy of a page. Browsers hold redirects after a form to `form_action` too."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; manifest-src 'self'; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
    )


def permissions(*, camera: str = "()") -> str:
    """The Permissions-Policy of a page: it may use none of these, unless it is given them."""
    return f"camera={camera}, geolocation=(), microphone=(), payment=(), usb=()"
