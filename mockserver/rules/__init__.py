"""Rules and scripts: replies that users write down for the requests that they expect."""

from mockserver.rules.errors import RuleError as RuleError
from mockserver.rules.file import RuleFiles as RuleFiles
from mockserver.rules.file import documents as documents
from mockserver.rules.file import files_of as files_of
from mockserver.rules.file import load as load
from mockserver.rules.progress import Chosen as Chosen
from mockserver.rules.progress import Progress as Progress
from mockserver.rules.received import Received as Received
from mockserver.rules.reply import Reply as Reply
from mockserver.rules.rule import Entry as Entry
from mockserver.rules.rule import Rule as Rule
from mockserver.rules.rule import Script as Script
from mockserver.rules.rule import read as read
from mockserver.rules.ruleset import Ruleset as Ruleset
