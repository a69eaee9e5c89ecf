-- When the last complete load ended. One row; null if there was none yet.
select last_load_finished_at
from loader_last_load
