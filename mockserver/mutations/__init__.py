"""Mutations: the single changes of a green conversation that a client has to survive."""

from mockserver.mutations.green import Turn, recorded, synthesised
from mockserver.mutations.mutation import SORTS, Mutation, mutations

__all__ = ["SORTS", "Mutation", "Turn", "mutations", "recorded", "synthesised"]
