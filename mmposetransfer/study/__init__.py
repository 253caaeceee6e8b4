"""User studies: real or fake, and which of two methods is better.

Which pictures people are shown (`StudyDesign`, `plan_trials`), a page that
shows them (`StudyApp`, `serve_study`), their answers (`StudyDatabase`), and
what these say (`study_results`).
"""

from .agreement import krippendorff_alpha
from .app import StudyApp
from .begin import begin_study, continue_study
from .database import Conflict, Participant, StudyDatabase, StudyIsFull
from .design import StudyDesign, Trial, draw_scenes, plan_trials
from .pictures import StudyPictures
from .report import measures_as_csv, measures_as_json, measures_as_table
from .results import Judgement, Measure, study_judgements, study_results
from .server import serve_study
from .study import Study

__all__ = [
    'Conflict',
    'Judgement',
    'Measure',
    'Participant',
    'Study',
    'StudyApp',
    'StudyDatabase',
    'StudyDesign',
    'StudyIsFull',
    'StudyPictures',
    'Trial',
    'begin_study',
    'continue_study',
    'draw_scenes',
    'krippendorff_alpha',
    'measures_as_csv',
    'measures_as_json',
    'measures_as_table',
    'plan_trials',
    'serve_study',
    'study_judgements',
    'study_results',
]
