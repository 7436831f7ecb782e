-- Assessments against the Professional Capabilities Framework; parent is workers/{worker}.
CREATE TABLE capability_assessment (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  state MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, parent, id)
) ENGINE=InnoDB;
