-- An owner may close the organisation, and an issuer may rename it: both are found out at the gate, which must have entered it.
GRANT UPDATE (name, state) ON tenant.orgs TO plantintel_gate;
