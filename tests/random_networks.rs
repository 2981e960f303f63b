//! Autodiff against closed-form backpropagation on a thousand random networks: two programs that share no code.

#[path = "../examples/check_backprop/random_networks.rs"]
mod random_networks;

#[test]
fn a_thousand_random_networks_agree() {
    let agreement = random_networks::compare(0..1000).unwrap();
    assert_eq!(agreement.networks, 1000);
    assert!(
        agreement.weights > 10_000,
        "the networks are too small to tell anything: {agreement:?}"
    );
    assert!(
        agreement.worst <= 1e-12,
        "the gradients part by {:e} at seed {}",
        agreement.worst,
        agreement.worst_seed
    );
}
