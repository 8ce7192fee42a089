//! A map from growing ids to what is alive: three array look-ups, memory by what is alive.
//!
//! Entries are on pages, pages in chunks, and a page or chunk without an entry is let go. What is left of the ids that
//! are gone is 8 bytes for 16,384 of them: it is in every checkpoint, too, and ids grow for hours.

/// Entries of a page. A page is freed when its last entry is: with more of them, few that live long among many that do not
/// would take more memory.
const PAGE: usize = 16;
/// Pages of a chunk. With more of them, ids of a log from outside that are far apart would take more memory.
const CHUNK: usize = 1024;

#[derive(Clone, Debug)]
struct Page<T> {
    entries: [Option<T>; PAGE],
    live: usize,
}

#[derive(Clone, Debug)]
struct Chunk<T> {
    pages: [Option<Box<Page<T>>>; CHUNK],
    live: usize,
}

/// A map from ids to entries, whose pages and chunks take at most so many bytes.
#[derive(Clone, Debug)]
pub(super) struct Table<T, const MOST: usize> {
    chunks: Vec<Option<Box<Chunk<T>>>>,
    /// Numbers of the pages that are there, in order: ids grow for hours, and nobody walks what is gone.
    present: Vec<u32>,
    live: usize,
    /// Chunks that are there.
    used: usize,
}

impl<T, const MOST: usize> Default for Table<T, MOST> {
    fn default() -> Self {
        Self { chunks: Vec::new(), present: Vec::new(), live: 0, used: 0 }
    }
}

impl<T, const MOST: usize> Table<T, MOST> {
    /// The number of an id's page, and its entry there.
    fn place(id: u32) -> (usize, usize) {
        (id as usize / PAGE, id as usize % PAGE)
    }

    #[inline]
    fn page(&self, number: usize) -> Option<&Page<T>> {
        self.chunks.get(number / CHUNK)?.as_ref()?.pages[number % CHUNK].as_deref()
    }

    #[inline]
    pub(super) fn get(&self, id: u32) -> Option<&T> {
        let (number, entry) = Self::place(id);
        self.page(number)?.entries[entry].as_ref()
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        let (number, entry) = Self::place(id);
        self.chunks.get_mut(number / CHUNK)?.as_mut()?.pages[number % CHUNK].as_mut()?.entries[entry].as_mut()
    }

    /// Says whether there was room.
    pub(super) fn insert(&mut self, id: u32, value: T) -> bool {
        let (number, entry) = Self::place(id);
        let is_new = self.page(number).is_none();
        if is_new && self.paged_bytes() >= MOST {
            return false;
        }
        if is_new {
            let at = self.present.partition_point(|present| (*present as usize) < number);
            self.present.insert(at, number as u32);
        }
        if self.chunks.len() <= number / CHUNK {
            self.chunks.resize_with(number / CHUNK + 1, || None);
        }
        let chunk = self.chunks[number / CHUNK].get_or_insert_with(|| {
            self.used += 1;
            Box::new(Chunk { pages: std::array::from_fn(|_| None), live: 0 })
        });
        chunk.live += usize::from(is_new);
        let page = chunk.pages[number % CHUNK]
            .get_or_insert_with(|| Box::new(Page { entries: std::array::from_fn(|_| None), live: 0 }));
        if page.entries[entry].replace(value).is_none() {
            page.live += 1;
            self.live += 1;
        }
        true
    }

    pub(super) fn remove(&mut self, id: u32) -> Option<T> {
        let (number, entry) = Self::place(id);
        let its_chunk = self.chunks.get_mut(number / CHUNK)?;
        let chunk = its_chunk.as_mut()?;
        let its_page = &mut chunk.pages[number % CHUNK];
        let page = its_page.as_mut()?;
        let value = page.entries[entry].take()?;
        page.live -= 1;
        self.live -= 1;
        if page.live == 0 {
            *its_page = None;
            chunk.live -= 1;
            if chunk.live == 0 {
                *its_chunk = None;
                self.used -= 1;
            }
            if let Ok(at) = self.present.binary_search(&(number as u32)) {
                self.present.remove(at);
            }
        }
        Some(value)
    }

    /// What it takes in memory, but for what its entries own.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&self.chunks[..]) + self.paged_bytes()
    }

    fn paged_bytes(&self) -> usize {
        self.used * size_of::<Chunk<T>>() + self.present.len() * (size_of::<Page<T>>() + size_of::<u32>())
    }

    /// How many are alive.
    pub(super) fn len(&self) -> usize {
        self.live
    }

    /// All entries, by id, to be changed.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        let chunks = self.chunks.iter_mut().flatten();
        chunks.flat_map(|chunk| chunk.pages.iter_mut().flatten()).flat_map(|page| page.entries.iter_mut().flatten())
    }

    /// All entries, by id.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let present = self.present.iter().filter_map(|number| Some((*number, self.page(*number as usize)?)));
        present.flat_map(|(number, page)| {
            let first = number as usize * PAGE;
            let entries = page.entries.iter().enumerate();
            entries.filter_map(move |(entry, value)| Some(((first + entry) as u32, value.as_ref()?)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 96 << 20;

    #[test]
    fn pages_are_freed_when_empty() {
        let mut table = Table::<_, MOST>::default();
        for id in [1, 15, 16, 1000] {
            table.insert(id, id * 2);
        }
        assert_eq!(table.iter().collect::<Vec<_>>(), [(1, &2), (15, &30), (16, &32), (1000, &2000)]);
        assert_eq!(table.remove(16), Some(32));
        assert_eq!(table.remove(16), None);
        assert!(table.page(1).is_none());
        assert_eq!(table.present, [0, 62]);
        table.values_mut().for_each(|it| *it += 1);
        assert_eq!(table.iter().map(|(_, it)| *it).collect::<Vec<_>>(), [3, 31, 2001]);
        table.values_mut().for_each(|it| *it -= 1);
        assert_eq!((table.len(), table.get(15), table.get(16), table.get(99_999)), (3, Some(&30), None, None));
    }

    #[test]
    fn ids_that_are_far_apart_have_bounds() {
        let mut table = Table::<_, MOST>::default();
        let inserted = (0..1 << 18).filter(|number| table.insert(number << 14, [0_u8; 64])).count();
        assert!((1_000..1 << 17).contains(&inserted) && table.len() == inserted, "{inserted}");
        assert!(table.bytes() < MOST + (3 << 20), "{}", table.bytes());
        // What is there already has its place.
        assert!(table.insert(0, [1; 64]) && !table.insert(u32::MAX, [1; 64]));
    }

    #[test]
    fn ids_that_are_gone_leave_next_to_nothing() {
        let mut table = Table::<_, MOST>::default();
        table.insert(7, 7_u64);
        // As tasks come and go for hours, a few at a time.
        for id in (1_000..4_000_000_000).step_by(10_007) {
            assert!(table.insert(id, 0));
            table.remove(id);
        }
        assert!((table.chunks.iter().flatten().count(), table.used) == (1, 1) && table.bytes() < 3 << 20);
        assert!(table.insert(u32::MAX, 8));
        assert_eq!(table.iter().collect::<Vec<_>>(), [(7, &7), (u32::MAX, &8)]);
    }
}
