"""Where jobs are carried out: processes of this machine, or a cluster."""
