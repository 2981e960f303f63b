//! petgraph's algorithms, run on functions and graphs as they are.
//!
//! Small graphs are checked by what is known of them, random ones against a brute-force search and against what the
//! values do when an input changes.

use std::collections::BTreeSet;

use petgraph::Direction::{Incoming, Outgoing};
use petgraph::algo::{
    DfsSpace, all_simple_paths, connected_components, dijkstra, dominators, has_path_connecting,
    is_cyclic_directed, is_isomorphic, kosaraju_scc, toposort,
};
use petgraph::dot::Dot;
use petgraph::visit::{
    Bfs, Dfs, EdgeCount, EdgeIndexable, EdgeRef, GetAdjacencyMatrix, GraphProp, IntoEdgeReferences,
    IntoEdges, IntoEdgesDirected, IntoNeighbors, IntoNeighborsDirected, IntoNodeIdentifiers,
    IntoNodeReferences, NodeCount, NodeIndexable, NodeRef, Reversed, VisitMap, Visitable,
};
use proptest::prelude::*;
use uphill_graph::view::{Edge, NodeKind};
use uphill_graph::{At, Function, Graph, Inputs, Node, NodeId, Op, Scalar, Var, loops, petgraph};

/// The lecture's linear example: two nodes between three weights and the performance.
fn lecture() -> Function {
    Function::record(["w1", "w2", "w3"], |w| {
        let o1 = (w[0] - 2.0 * w[1] + 5.0 * w[2]).named("o1");
        let o2 = (2.0 * w[0] - w[1] - 6.0).named("o2");
        3.0 * o1 - 7.0 * o2
    })
    .unwrap()
}

/// x flows to P over two branches that meet again.
fn diamond() -> Function {
    Function::record(["x"], |x| {
        let fork = x[0].exp().named("fork");
        let join = (fork.sin().named("left") + fork.cos().named("right")).named("join");
        join.sqrt()
    })
    .unwrap()
}

fn node(function: &Function, name: &str) -> NodeId {
    function.graph().find(name).unwrap()
}

#[test]
fn dot_prints_names_and_slots() {
    let f = Function::record(["x", "y"], |v| (v[0] - 2.0).named("gap") / v[1]).unwrap();
    insta::assert_snapshot!(Dot::new(&f), @r#"
    digraph {
        0 [ label = "x" ]
        1 [ label = "y" ]
        2 [ label = "2" ]
        3 [ label = "gap" ]
        4 [ label = "P" ]
        0 -> 3 [ label = "0" ]
        2 -> 3 [ label = "1" ]
        3 -> 4 [ label = "0" ]
        1 -> 4 [ label = "1" ]
    }
    "#);
    assert!(Dot::new(f.graph()).to_string().contains(r#"4 [ label = "/" ]"#));
    assert!(format!("{:?}", Dot::new(&f)).contains(r#"3 [ label = "n3: gap" ]"#));
}

#[test]
fn a_topological_sort_is_an_order_of_evaluation() {
    let f = lecture();
    let order = toposort(&f, None).unwrap();
    assert_eq!(order.len(), f.graph().len());
    let x = [1.0, 2.0, 3.0];
    let mut values = vec![None; f.graph().len()];
    for id in order {
        values[id.index()] = Some(match f.graph().node(id) {
            Node::Input(position) => x[position],
            Node::Constant(number) => number,
            Node::Copy(_) | Node::Result { .. } => unreachable!("no loops here"),
            Node::Op(op, operands) => {
                let known: Vec<f64> = operands
                    .iter()
                    .map(|operand| values[operand.index()].expect("operands come first"))
                    .collect();
                op.value(&known)
            }
        });
    }
    let expected = f.node_values(&x).unwrap();
    assert_eq!(values.into_iter().map(Option::unwrap).collect::<Vec<f64>>(), expected);
}

#[test]
fn all_goes_through_the_ends_of_a_diamond() {
    let f = diamond();
    let (x, p) = (node(&f, "x"), f.outputs()[0].node);
    let down = dominators::simple_fast(&f, x);
    assert_eq!(down.immediate_dominator(node(&f, "join")), Some(node(&f, "fork")));
    assert_eq!(down.immediate_dominator(p), Some(node(&f, "join")));
    let up = dominators::simple_fast(Reversed(&f), p);
    assert_eq!(up.immediate_dominator(node(&f, "fork")), Some(node(&f, "join")));
    let all: Vec<NodeId> = up.dominators(x).unwrap().collect();
    assert_eq!(all, [x, node(&f, "fork"), node(&f, "join"), p]);
}

#[test]
fn each_path_is_a_term_of_the_chain_rule() {
    let f = lecture();
    let p = f.outputs()[0].node;
    let count = |from: &str| {
        all_simple_paths::<Vec<_>, _, std::hash::RandomState>(&f, node(&f, from), p, 0, None)
            .count()
    };
    // w3 acts through o1 alone.
    assert_eq!([count("w1"), count("w2"), count("w3")], [2, 2, 1]);
}

#[test]
fn other_algorithms_run_too() {
    let f = lecture();
    let simplified = f.simplify();
    assert!(f.is_directed() && f.graph().is_directed());
    assert!(!is_cyclic_directed(&f));
    assert_eq!(connected_components(&f), 1);
    assert_eq!(kosaraju_scc(f.graph()).len(), f.graph().len());
    assert!(is_isomorphic(&f, &f.clone()));
    assert!(!is_isomorphic(&f, &simplified));

    let mut space = DfsSpace::default();
    let p = f.outputs()[0].node;
    assert!(has_path_connecting(&f, node(&f, "w3"), p, Some(&mut space)));
    assert!(!has_path_connecting(&f, node(&f, "w3"), node(&f, "o2"), Some(&mut space)));
    let steps = dijkstra(&f, node(&f, "w3"), Some(p), |_| 1);
    assert_eq!(steps[&p], 4); // *, +, *, -

    let mut deep = Dfs::new(Reversed(&f), p);
    let mut wide = Bfs::new(Reversed(f.graph()), p);
    let (mut below, mut around) = (BTreeSet::new(), BTreeSet::new());
    while let Some(id) = deep.next(Reversed(&f)) {
        below.insert(id);
    }
    while let Some(id) = wide.next(Reversed(f.graph())) {
        around.insert(id);
    }
    assert_eq!(below, f.graph().ids().collect());
    assert_eq!(below, around);
}

#[test]
fn an_operand_used_twice_has_two_edges() {
    let f = Function::record(["x"], |x| x[0] * x[0]).unwrap();
    let (x, p) = (node(&f, "x"), f.outputs()[0].node);
    assert_eq!(f.neighbors(x).collect::<Vec<_>>(), [p, p]);
    assert_eq!(f.edges(x).map(|edge| *edge.weight()).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(f.neighbors_directed(p, Incoming).collect::<Vec<_>>(), [x, x]);
}

#[test]
fn an_empty_graph_has_nothing_to_walk() {
    let empty = Graph::default();
    assert_eq!((&empty).node_references().count() + (&empty).edge_references().count(), 0);
    assert_eq!(toposort(&empty, None).unwrap(), []);
    assert_eq!(empty.to_petgraph().node_count(), 0);
}

#[test]
fn a_map_of_visits_forgets_and_grows() {
    let f = lecture();
    let mut map = f.visit_map();
    let last = f.graph().ids().last().unwrap();
    assert!(map.visit(last) && !map.visit(last) && map.is_visited(&last));
    assert!(map.unvisit(last) && !map.unvisit(last) && !map.is_visited(&last));
    map.visit(last);
    f.reset_map(&mut map);
    assert!(!map.is_visited(&last));
    let mut small = diamond().graph().visit_map();
    assert!(!small.unvisit(last) && small.visit(last) && small.is_visited(&last));
}

#[test]
fn the_owned_copy_tells_labels_and_kinds() {
    let owned = lecture().to_petgraph();
    let told = |label: &str| owned.node_weights().find(|weight| weight.label == label).unwrap();
    assert_eq!(told("w2").kind, NodeKind::Input(1));
    assert_eq!(told("6").kind, NodeKind::Constant(6.0));
    assert_eq!(told("o1").kind, NodeKind::Op(Op::Add));
    assert_eq!(told("P").kind, NodeKind::Op(Op::Sub));
    assert_eq!(told("P").to_string(), "P");
}

/// A function of 3 inputs whose steps strictly grow with each operand: `(kind, operand, operand, operand)`.
type Recipe = Vec<(u8, usize, usize, usize)>;

fn recipes() -> impl Strategy<Value = Recipe> {
    prop::collection::vec((0..4_u8, 0..1000_usize, 0..1000_usize, 0..1000_usize), 0..24)
}

fn build(recipe: &Recipe) -> Function {
    Function::record_many(["a", "b", "c"], |inputs| {
        let mut nodes = inputs.to_vec();
        for &(kind, i, j, k) in recipe {
            let [x, y, z] = [i, j, k].map(|index| nodes[index % nodes.len()]);
            nodes.push(match kind {
                0 => x + y,
                1 => x.hypot(y),
                2 => Scalar::apply(Op::Sum, &[x, y, z, x]),
                _ => x * 0.5 + 1.0,
            });
        }
        nodes
    })
    .unwrap()
}

/// The nodes that depend on a node, itself included: all pairs, again and again, until nothing is added.
fn dependents(graph: &Graph, of: NodeId) -> BTreeSet<NodeId> {
    let mut found = BTreeSet::from([of]);
    loop {
        let before = found.len();
        for id in graph.ids() {
            if graph.operands(id).iter().any(|operand| found.contains(operand)) {
                found.insert(id);
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// Edges, neighbours and numbers, from the whole and from each node.
fn agree_from_every_side(f: &Function) {
    let all: Vec<Edge> = f.edge_references().collect();
    assert_eq!(all.len(), EdgeCount::edge_count(f));
    assert_eq!(EdgeIndexable::edge_bound(f), all.len());
    assert_eq!(f.node_count(), f.node_identifiers().count());
    for (index, edge) in all.iter().enumerate() {
        assert_eq!(EdgeIndexable::to_index(f, edge.id()), index);
        assert_eq!(EdgeIndexable::from_index(f, index), edge.id());
        let operands = f.graph().operands(edge.target());
        assert_eq!(operands.get(*edge.weight()), Some(&edge.source()));
    }
    let matrix = f.adjacency_matrix();
    let key = |edge: &Edge| edge.id();
    for (index, label) in f.node_references().enumerate() {
        let id = label.id();
        assert_eq!(NodeIndexable::to_index(f, id), index);
        assert_eq!(NodeIndexable::from_index(f, index), id);
        assert_eq!(label.node(), f.graph().node(id));
        for direction in [Incoming, Outgoing] {
            let own = |edge: &Edge| match direction {
                Incoming => edge.target(),
                Outgoing => edge.source(),
            };
            let far = |edge: &Edge| match direction {
                Incoming => edge.source(),
                Outgoing => edge.target(),
            };
            let here: Vec<Edge> = f.edges_directed(id, direction).collect();
            let there: Vec<Edge> = all.iter().filter(|edge| own(edge) == id).copied().collect();
            assert_eq!(&here, &there); // Both in the order of their numbers,
            assert!(here.is_sorted_by_key(key));
            let neighbors: Vec<NodeId> = f.neighbors_directed(id, direction).collect();
            assert_eq!(neighbors, here.iter().map(far).collect::<Vec<_>>());
            let least = f.edges_directed(id, direction).size_hint().0;
            assert!(least == here.len() || (f.graph().has_loops() && least < here.len()));
        }
        for other in f.graph().ids() {
            let adjacent = f.graph().operands(other).contains(&id);
            assert_eq!(f.is_adjacent(&matrix, id, other), adjacent);
        }
    }
}

/// Vectors and loops: every value is a node, and all results of a loop are read from the loop's operands.
#[test]
fn edges_of_loops_agree_from_every_side() {
    let inputs = Inputs::new().variables("x", 5).variable("a");
    let f = Function::record_many(inputs, |v| {
        let x = &v[..5];
        let y = loops::map(0..4, |i| x.at(i) * x.at(i + 1) + v[5]);
        let (last, all) = loops::scan(0..3, v[5].sin(), |i, s: Var<'_>| (s * y.at(i), s));
        let z = [v[5] * 2.0, x[3], last];
        let sum = loops::sum(0..3, |i| z.at(i) * loops::sum(0..2, |j| all.at(j) * x.at(i + j)));
        vec![sum * last, all[1], y[3] - x[0]]
    })
    .unwrap();
    // What is known of a function's edges is not believed of functions that are made of it.
    agree_from_every_side(&f);
    for f in [f.clone(), f.simplify(), f.jacobian().unwrap(), f.vjp().unwrap().simplify()] {
        agree_from_every_side(&f);
        let owned = f.to_petgraph();
        assert_eq!(owned.edge_count(), f.graph().edge_count());
        assert_eq!(toposort(&f, None).unwrap().len(), f.graph().len());
    }
    let graph = f.graph();
    let mut results = 0;
    for id in graph.ids() {
        if let Node::Result { number, operands, .. } = graph.node(id) {
            let read: Vec<NodeId> = f.neighbors_directed(id, Incoming).collect();
            assert_eq!(read, operands);
            results += 1;
            // The body is a graph of its own.
            assert!(!is_cyclic_directed(graph.repeated(number).body()));
            for &operand in operands {
                assert!(f.neighbors_directed(operand, Outgoing).any(|user| user == id));
            }
        }
    }
    assert_eq!(results, 4 + (1 + 3) + 1);
}

proptest! {
    #[test]
    fn reachable_is_what_depends(recipe in recipes()) {
        let f = build(&recipe);
        let start = f.node_values(&[1.0, 1.0, 1.0]).unwrap();
        for (position, &input) in f.graph().input_nodes().iter().enumerate() {
            let mut moved = [1.0; 3];
            moved[position] = 2.0;
            let moved = f.node_values(&moved).unwrap();
            let expected = dependents(f.graph(), input);
            for id in f.graph().ids() {
                let reached = has_path_connecting(&f, input, id, None);
                prop_assert_eq!(reached, expected.contains(&id));
                prop_assert_eq!(reached, start[id.index()] != moved[id.index()]);
            }
        }
    }

    #[test]
    fn edges_agree_from_every_side(recipe in recipes()) {
        agree_from_every_side(&build(&recipe));
    }

    #[test]
    fn the_owned_copy_is_the_same_graph(recipe in recipes()) {
        let f = build(&recipe);
        let owned = f.to_petgraph();
        prop_assert_eq!(owned.node_count(), f.graph().len());
        prop_assert_eq!(owned.edge_count(), f.graph().edge_count());
        for (label, weight) in f.node_references().zip(owned.node_weights()) {
            prop_assert_eq!(label.to_string(), weight.to_string());
        }
        for (ours, theirs) in f.edge_references().zip(owned.edge_references()) {
            prop_assert_eq!(ours.source().index(), theirs.source().index());
            prop_assert_eq!(ours.target().index(), theirs.target().index());
            prop_assert_eq!(ours.weight(), theirs.weight());
        }
    }
}
