"""What Alembic runs: this version's migrations, on the connection that the caller gives."""

from alembic import context

from maillage.auth import models as auth_models
from maillage.cases import models as cases_models
from maillage.core import models as core_models
from maillage.core.db import Base
from maillage.core.files import models as files_models
from maillage.events import models as events_models
from maillage.forum import models as forum_models
from maillage.notices import models as notices_models
from maillage.taxonomies import models as taxonomies_models

# Imported for what they add to the metadata.
FLOORS = (
    core_models,
    auth_models,
    files_models,
    taxonomies_models,
    notices_models,
    forum_models,
    cases_models,
    events_models,
)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
