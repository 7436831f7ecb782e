-- Audits of the quality of sessions; parent is sessions/{session}.
CREATE TABLE quality_audit (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  audited_date DATE NOT NULL,
  auditor VARBINARY(191) NULL,
  state MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, parent, id)
) ENGINE=InnoDB;
