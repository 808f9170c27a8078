"""Facts: datasets as folders of tables, read, checked and handed on as frozen ``Tables``."""

from supply_data.assemble import assemble
from supply_data.load import folder, load, shipped
from supply_data.schema import BadTablesError, Fault, Tables

__all__ = ["BadTablesError", "Fault", "Tables", "assemble", "folder", "load", "shipped"]
