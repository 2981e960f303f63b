//! Shapes and messages: shares are whole, trees have one shape, rows arrive in order, and every failure is told.

use std::ops::Range;

use uphill_ranks::{
    Communicator, Error, GRAIN, Tree, agree, any, broadcast, gather, in_threads, level, share,
};

const COUNTS: [usize; 8] = [1, 2, 3, 4, 5, 7, 8, 13];

#[test]
fn shares_are_whole_and_even() {
    for rows in [0, 1, 4095, 4096, 4097, 100_000, 1_000_000, 123_456_789] {
        for count in COUNTS.into_iter().chain([1000]) {
            let mut next = 0;
            for rank in 0..count {
                let Range { start, end } = share(rows, rank, count);
                assert!(start == next && start <= end, "{rows} rows, rank {rank} of {count}");
                assert!(start.is_multiple_of(GRAIN) || start == rows);
                let even = rows / count;
                assert!(end - start <= even + even / 32 + GRAIN, "{rows} rows, {rank} of {count}");
                next = end;
            }
            assert_eq!(next, rows);
            assert!(rows == 0 || !share(rows, 0, count).is_empty());
        }
    }
}

/// What a tree over so many grains is, by its definition.
fn shape(grains: Range<usize>) -> String {
    if grains.len() == 1 {
        return grains.start.to_string();
    }
    let left = grains.len().next_power_of_two() / 2;
    let middle = grains.start + left;
    format!("({} {})", shape(grains.start..middle), shape(middle..grains.end))
}

#[test]
fn trees_have_one_shape() {
    // Texts as numbers: a join that is no addition, and tells in which order things were joined.
    let text = |numbers: &[f64]| -> String { numbers.iter().map(|n| *n as u8 as char).collect() };
    let numbers = |text: &str| -> Vec<f64> { text.bytes().map(f64::from).collect() };
    for grains in [1_usize, 2, 3, 5, 8, 13, 64, 100] {
        for count in COUNTS {
            let found = in_threads(count, |ranks| {
                let own = share(grains * GRAIN - 7, ranks.rank(), ranks.count());
                let join = |left: &mut Vec<f64>, right: &[f64]| {
                    *left = numbers(&format!("({} {})", text(left), text(right)));
                };
                let mut tree = Tree::new(own.start, join);
                for first in own.step_by(GRAIN) {
                    tree.push(numbers(&(first / GRAIN).to_string()));
                }
                text(&tree.finish(&ranks, Ok::<_, Error>(())).unwrap().unwrap())
            });
            for found in found {
                assert_eq!(found, shape(0..grains), "{count} ranks");
            }
        }
    }
    let none = in_threads(3, |ranks| {
        Tree::new(0, |_: &mut Vec<f64>, _: &[f64]| {}).finish(&ranks, Ok::<_, Error>(()))
    });
    assert_eq!(none, vec![Ok(None); 3]);
}

#[test]
fn all_learn_what_each_says() {
    for count in COUNTS {
        let said = |rank: usize| vec![rank as u8; rank];
        for (rank, found) in in_threads(count, |ranks| {
            let all = gather::<Error>(&ranks, Ok(said(ranks.rank()))).unwrap();
            let first = broadcast::<Error>(&ranks, Ok(vec![ranks.rank() as u8; 3])).unwrap();
            let last = any(&ranks, ranks.rank() + 1 == ranks.count()).unwrap();
            let none = any(&ranks, false).unwrap();
            (all, first, last, none)
        })
        .into_iter()
        .enumerate()
        {
            let all: Vec<Vec<u8>> = (0..count).map(said).collect();
            assert_eq!(found, (all, vec![0; 3], true, false), "rank {rank} of {count}");
        }
    }
}

#[test]
fn the_first_failure_counts_and_is_known_to_all() {
    for count in COUNTS {
        for failing in 0..count {
            let found = in_threads(count, |ranks| {
                let fails = ranks.rank() >= failing && ranks.rank() < failing + 2;
                let own = if fails { Err(Error::Strange { rank: 99 }) } else { Ok(ranks.rank()) };
                let agreed = agree(&ranks, own);
                let tree = Tree::new(0, |_: &mut Vec<f64>, _: &[f64]| {});
                let own = if fails { Err(Error::Interrupted) } else { Ok(()) };
                (agreed, tree.finish(&ranks, own))
            });
            for (rank, (agreed, sum)) in found.into_iter().enumerate() {
                let own = Error::Strange { rank: 99 };
                let elsewhere = Error::Elsewhere { rank: failing, what: own.to_string() };
                let expected = if rank == failing { own } else { elsewhere };
                assert_eq!(agreed, Err(expected), "rank {rank} of {count}, {failing} fails");
                assert_eq!(sum, Err(Error::Interrupted));
            }
        }
    }
}

#[test]
fn rows_are_brought_to_their_ranks() {
    // How many rows each rank has read.
    for read in [vec![10_000], vec![0, 30_000, 1], vec![30_000, 0, 0, 5], vec![1, 2, 3, 4, 50_000]]
    {
        let starts: Vec<usize> = (0..read.len()).map(|rank| read[..rank].iter().sum()).collect();
        let all: usize = read.iter().sum();
        let found = in_threads(read.len(), |ranks| {
            let start = starts[ranks.rank()];
            let mut rows = Vec::new();
            level(
                &ranks,
                read[ranks.rank()],
                2,
                |first, into| {
                    for (place, row) in into.chunks_exact_mut(2).enumerate() {
                        row.copy_from_slice(&[(start + first + place) as f64, 0.5]);
                    }
                    Ok::<(), Error>(())
                },
                |row| {
                    assert_eq!(row[1], 0.5);
                    rows.push(row[0] as usize);
                    Ok(())
                },
            )
            .unwrap();
            rows
        });
        for (rank, rows) in found.into_iter().enumerate() {
            let expected: Vec<usize> = share(all, rank, read.len()).collect();
            assert!(rows == expected, "{read:?}, rank {rank}");
        }
    }
    // A rank that can't keep its rows: the others hear of it, and nobody waits.
    let found = in_threads(3, |ranks| {
        let fails = ranks.rank() == 1;
        level(
            &ranks,
            20_000,
            1,
            |_, _| Ok(()),
            |_| if fails { Err(Error::Strange { rank: 7 }) } else { Ok(()) },
        )
    });
    let told: Vec<bool> =
        found.iter().map(|found| matches!(found, Err(Error::Strange { .. }))).collect();
    assert_eq!(told, [false, true, false]);
    assert!(matches!(found[0], Err(Error::Elsewhere { rank: 1, .. })));
}

#[test]
fn a_lost_rank_is_named() {
    for count in [2, 3, 5] {
        for lost in 0..count {
            let found = in_threads(count, |ranks| match ranks.rank() == lost {
                true => Ok(Vec::new()),
                false => gather::<Error>(&ranks, Ok(Vec::new())),
            });
            for (rank, found) in found.into_iter().enumerate().filter(|(rank, _)| *rank != lost) {
                let told = found.map_err(|error| error.to_string());
                assert!(
                    told.as_ref().is_err_and(|told| told.contains("doesn't answer")),
                    "rank {rank} of {count}, {lost} is lost: {told:?}"
                );
            }
        }
    }
}
