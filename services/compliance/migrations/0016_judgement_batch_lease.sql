-- The lease under which a batch was stored, and the policies by which was judged: id and version, one a line.
ALTER TABLE judgement_batch
  ADD COLUMN lease_epoch BIGINT UNSIGNED NOT NULL DEFAULT 0,
  ADD COLUMN policies VARBINARY(4000) NOT NULL DEFAULT '';
