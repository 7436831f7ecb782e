-- Besides the policies, each of the authority's own numbers with which was judged: more than a few lines.
ALTER TABLE judgement_batch
  MODIFY COLUMN policies MEDIUMBLOB NOT NULL;
