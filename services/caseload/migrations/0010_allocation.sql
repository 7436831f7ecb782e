-- The parts of workers in a case; parent is cases/{case}, worker the whole resource name. An allocation holds from start_date
-- up to, but not on, end_date.
CREATE TABLE allocation (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  worker VARBINARY(191) NOT NULL,
  role SMALLINT NOT NULL,
  start_date DATE NOT NULL,
  end_date DATE NULL,
  state MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, parent, id),
  KEY allocation_by_worker (authority, worker, start_date)
) ENGINE=InnoDB;
