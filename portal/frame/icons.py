"""The icons of the pages, the only ones that the served icon font has."""

from __future__ import annotations

_OWN = """
account_tree check_circle chevron_right document_search domain factory file_save group history home
keyboard_arrow_down leaderboard list location_on lock memory monitoring person play_arrow
play_circle policy rate_review schedule science shield star sticky_note_2 swap_vert
sync_alt table target upload_file
"""
_OF_THE_THEME = """
add apps arrow_back arrow_circle_down arrow_circle_up arrow_drop_down arrow_forward arrow_right_alt
cancel check check_small close close_small computer dark_mode data_object delete dock_to_right
download drag_indicator edit edit_square expand_more favorite file_upload filter_list
filter_list_off help inbox keyboard_arrow_up light_mode logout manage_search more_horiz more_vert
open_in_new progress_activity question_mark refresh search settings tag undo unfold_more upload
visibility warning
"""
ICONS = frozenset(_OWN.split()) | frozenset(_OF_THE_THEME.split())
