"""What every text of the demonstration is read as: whole, with nothing that no one asked for."""

from pydantic import BaseModel, ConfigDict


class Text(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
