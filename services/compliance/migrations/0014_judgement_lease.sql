-- One row: who writes the history has the newest epoch. Every batch is stored only while its writer's epoch is that.
CREATE TABLE judgement_lease (
  id TINYINT NOT NULL PRIMARY KEY,
  epoch BIGINT UNSIGNED NOT NULL,
  since DATETIME(6) NOT NULL,
  CONSTRAINT judgement_lease_one_row CHECK (id = 1)
) ENGINE=InnoDB;
