"""The words that a case record is kept in."""

PURPOSES = {
    "triage": "Deciding what this is",
    "safeguarding_action": "Acting to keep the pupil safe",
    "referral": "Preparing a referral to another agency",
    "parent_contact": "Preparing to speak with parents or carers",
    "record_review": "Reviewing the case record",
    "subject_access": "Answering a subject access request",
}
"""Why somebody may see the name and the words. A list, so that a purpose never holds a name."""

OUTCOMES = {
    "false_positive": "Not a concern: the system was wrong",
    "no_further_action": "Looked into; nothing further",
    "monitor": "Keep an eye on it",
    "pastoral": "Pastoral support in school",
    "parent_contact": "Parents or carers contacted",
    "early_help": "Early help",
    "childrens_social_care": "Referred to children's social care",
    "police": "Referred to the police",
    "channel": "Referred to Channel (Prevent)",
    "lado": "Referred to the LADO",
}
"""How an incident may end (KCSIE: outcome and reason are recorded)."""

MAX_WORDS = 10_000
"""Characters of a note or rationale."""
