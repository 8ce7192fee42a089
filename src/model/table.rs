//! A map from small, growing ids to what is alive: two array look-ups, memory by what is alive.

/// Entries of a page. A page is freed when its last entry is.
const PAGE: usize = 64;
/// Pages that there can be. Ids beyond are of nobody: a log from outside must not decide how much memory they take.
const MOST_PAGES: usize = 1 << 23;
/// Pages that can be in use at once: a million entries, where they are dense.
const MOST_PRESENT: usize = 1 << 14;

#[derive(Clone, Debug)]
struct Page<T> {
    entries: [Option<T>; PAGE],
    live: usize,
}

/// A map from ids to entries.
#[derive(Clone, Debug)]
pub(super) struct Table<T> {
    pages: Vec<Option<Box<Page<T>>>>,
    /// Numbers of the pages that are there, in order: ids grow for hours, and nobody walks what is gone.
    present: Vec<u32>,
    live: usize,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { pages: Vec::new(), present: Vec::new(), live: 0 }
    }
}

impl<T> Table<T> {
    fn place(id: u32) -> (usize, usize) {
        (id as usize / PAGE, id as usize % PAGE)
    }

    #[inline]
    pub(super) fn get(&self, id: u32) -> Option<&T> {
        let (page, entry) = Self::place(id);
        self.pages.get(page)?.as_ref()?.entries[entry].as_ref()
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        let (page, entry) = Self::place(id);
        self.pages.get_mut(page)?.as_mut()?.entries[entry].as_mut()
    }

    /// Says whether there was room.
    pub(super) fn insert(&mut self, id: u32, value: T) -> bool {
        let (number, entry) = Self::place(id);
        let is_new = self.pages.get(number).is_none_or(Option::is_none);
        if number >= MOST_PAGES || (is_new && self.present.len() >= MOST_PRESENT) {
            return false;
        }
        if self.pages.len() <= number {
            self.pages.resize_with(number + 1, || None);
        }
        if self.pages[number].is_none() {
            let at = self.present.partition_point(|present| (*present as usize) < number);
            self.present.insert(at, number as u32);
        }
        let page = self.pages[number]
            .get_or_insert_with(|| Box::new(Page { entries: std::array::from_fn(|_| None), live: 0 }));
        if page.entries[entry].replace(value).is_none() {
            page.live += 1;
            self.live += 1;
        }
        true
    }

    pub(super) fn remove(&mut self, id: u32) -> Option<T> {
        let (index, entry) = Self::place(id);
        let slot = self.pages.get_mut(index)?;
        let page = slot.as_mut()?;
        let value = page.entries[entry].take()?;
        page.live -= 1;
        self.live -= 1;
        if page.live == 0 {
            *slot = None;
            if let Ok(at) = self.present.binary_search(&(index as u32)) {
                self.present.remove(at);
            }
        }
        Some(value)
    }

    /// What it takes in memory, but for what its entries own.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&self.pages[..]) + self.present.len() * (size_of::<Page<T>>() + size_of::<u32>())
    }

    /// How many are alive.
    pub(super) fn len(&self) -> usize {
        self.live
    }

    /// All entries, by id.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let present = self.present.iter().filter_map(|number| Some((*number, self.pages[*number as usize].as_ref()?)));
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

    #[test]
    fn pages_are_freed_when_empty() {
        let mut table = Table::default();
        for id in [1, 63, 64, 1000] {
            table.insert(id, id * 2);
        }
        assert_eq!(table.iter().collect::<Vec<_>>(), [(1, &2), (63, &126), (64, &128), (1000, &2000)]);
        assert_eq!(table.remove(64), Some(128));
        assert_eq!(table.remove(64), None);
        assert!(table.pages[1].is_none());
        assert_eq!(table.present, [0, 15]);
        assert_eq!((table.len(), table.get(63), table.get(64), table.get(99_999)), (3, Some(&126), None, None));
    }
}
