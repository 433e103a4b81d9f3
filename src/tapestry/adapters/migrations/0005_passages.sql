-- Checkpoints that vehicles passed, as their positions show: a projection of the bus, which can be made again from it.
CREATE TABLE passage (
    movement_id   integer NOT NULL,
    checkpoint    integer NOT NULL,             -- from 0, in the order of the plan
    vehicle_id    integer NOT NULL,
    passed_at     timestamptz NOT NULL,         -- event time
    known_at      timestamptz NOT NULL,         -- hub's clock of the position that showed it
    uncertainty_s double precision NOT NULL,    -- half the time between the two fixes around it
    withdrawn     boolean NOT NULL DEFAULT false, -- late data or a new plan showed that it was none
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'positions',
    PRIMARY KEY (movement_id, checkpoint, vehicle_id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON passage TO tapestry_app;
