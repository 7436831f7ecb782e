-- Every policy text by which anything was ever judged. A version, once here, never changes.
CREATE TABLE policy_text (
  policy VARBINARY(63) NOT NULL,
  version INT NOT NULL,
  content_hash VARBINARY(64) NOT NULL,
  text MEDIUMBLOB NOT NULL,
  first_used DATETIME(6) NOT NULL,
  PRIMARY KEY (policy, version)
) ENGINE=InnoDB;
