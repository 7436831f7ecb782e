-- One row: which life of this database it is. A restore starts a new one, so that older tokens are refused.
CREATE TABLE ledger_incarnation (
  id TINYINT NOT NULL PRIMARY KEY,
  incarnation BINARY(16) NOT NULL,
  since DATETIME(6) NOT NULL,
  CONSTRAINT ledger_incarnation_one_row CHECK (id = 1)
) ENGINE=InnoDB;
