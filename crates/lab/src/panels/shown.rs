//! What a picture has of the pipeline and of the lessons.

use std::sync::LazyLock;

use pollscope_core::model::picture::Picture;

use crate::{lessons::LessonNow, pipeline::PipelinePicture};

/// What the pipeline shows in a picture; where there is nothing of it, as before it has begun.
pub(super) fn pipeline(picture: &Picture) -> &PipelinePicture {
    static NOTHING_YET: LazyLock<PipelinePicture> = LazyLock::new(PipelinePicture::default);
    picture.scenario().unwrap_or(&NOTHING_YET)
}

/// The lesson that runs or was the last to; none before the first.
pub(super) fn lesson(picture: &Picture) -> Option<&LessonNow> {
    picture.scenario()
}
