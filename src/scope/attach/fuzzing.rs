//! What holds of streams that are merged, whatever is in them.

use super::merge::Merge;
use crate::trace::{log::Batch, recording::Origin};

/// Two programs that tell the same, of which the second starts anew: nothing is lost, and no watermark goes back.
pub(in crate::scope) fn merged(batches: &[Batch]) {
    let origin = |pid, zero| Origin { program: String::new(), pid: Some(pid), unix_zero: Some(zero), now: None };
    let origins = [origin(1, 5_000), origin(2, 9_000)];
    let mut merge = Merge::new(2, &origins);
    merge.begins(0, &origins[0]);
    merge.begins(1, &origins[1]);
    let (mut items, mut watermark) = (0, 0);
    let mut take = |merge: &mut Merge, late: bool| {
        let (upto, ready) = merge.ready(|_| late);
        assert!(upto >= watermark, "the watermark goes back");
        watermark = upto;
        assert!(ready.iter().all(|(_, batch)| batch.upto() <= upto));
        items += ready.iter().map(|(_, batch)| batch.len()).sum::<usize>();
    };
    for batch in batches {
        merge.take(0, vec![batch.clone()]);
        merge.take(1, vec![batch.clone()]);
        take(&mut merge, false);
    }
    merge.begins(1, &origin(3, 7_000));
    merge.take(1, batches.to_vec());
    (0..3).for_each(|_| take(&mut merge, true));
    let all: usize = batches.iter().map(Batch::len).sum();
    // One more says that all is told anew.
    let anew = usize::from(!batches.is_empty());
    assert_eq!(items, 3 * all + anew, "something is lost");
}
