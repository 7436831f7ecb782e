INSERT INTO judgement_lease (id, epoch, since) VALUES (1, 0, UTC_TIMESTAMP(6));
