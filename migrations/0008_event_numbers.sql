-- The log itself tells the number of a family's last event: every command behind the family's lock reads it there, which
-- saves a new version of the root case's row for every command.
alter table cases drop column event_seq;
