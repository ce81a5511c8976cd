"""A day, as people write it in forms about gatherings."""

from typing import Any

from wtforms import DateField
from wtforms.validators import InputRequired, Optional

from maillage.core.forms import carried
from maillage.core.languages import Text, _


class Day(DateField):
    """A day, or none where it need not be said."""

    def __init__(self, label: Text, *, required: bool = False, **more: Any) -> None:
        super().__init__(carried(label), [InputRequired() if required else Optional()], **more)

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(carried(_("A date looks like 2027-03-31."))) from None
