"""The process view (流程透视): the way that cases really take, from the journal.

Takes the steps of cases (``case_step``, derived from the journal); gives how many go from where to
where, how long they wait there, how often they bounce and go round, by class, unit and period,
and the same as an event log that process-mining tools read. Must never: count by person, or let
one out of the house in what is exported (units are the only resource).
"""
