//! The bits of every function at some 30,000 arguments each, as one number a function. Another
//! platform, compiler or version of a dependency that changes a single bit fails here. Where a
//! kernel is changed on purpose, the message gives the new numbers.

use uphill_kernels as k;

fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
    *state
}

/// Any double, or one of the ordinary range, by turns.
fn argument(state: &mut u64, i: u32) -> f64 {
    let bits = next(state);
    let unit = (bits >> 11) as f64 / 9007199254740992.0;
    match i % 5 {
        0 => f64::from_bits(bits),
        1 => (unit - 0.5) * 1600.0,
        2 => (unit - 0.5) * 40.0,
        3 => (unit - 0.5) * 2.0,
        _ => unit * 4.0,
    }
}

/// FNV-1a over the results' bits. NaN counts as one value: IEEE 754 leaves its bits open.
fn checksum(mut result: impl FnMut(&mut u64, u32) -> f64) -> u64 {
    let mut state = 41;
    let mut sum = 0xcbf2_9ce4_8422_2325u64;
    for i in 0..30_000 {
        let value = result(&mut state, i);
        let bits = if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() };
        for byte in bits.to_le_bytes() {
            sum = (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    sum
}

macro_rules! sums {
    (one: $($one:ident $due:literal)*; two: $($two:ident $due_two:literal)*) => {
        vec![
            $((stringify!($one), checksum(|s, i| k::$one(argument(s, i))), $due),)*
            $((stringify!($two), checksum(|s, i| k::$two(argument(s, i), argument(s, i + 1))), $due_two),)*
        ]
    };
}

#[test]
fn every_bit_is_as_committed() {
    let mut sums: Vec<(&str, u64, u64)> = sums! {
        one:
        exp 0x7043_2aa4_4193_d555
        exp2 0xa801_5b37_6cb7_8244
        expm1 0x3b1e_3de1_6470_5f0b
        sigmoid 0xc5d4_6f6d_4864_c781
        softplus 0x753b_080a_767b_ea4c
        ln 0x6496_9e13_853f_17f8
        log2 0xba24_be2a_b1a6_5ef9
        log10 0x6c9c_d18a_2b4e_81b3
        log1p 0xfb51_59c9_257c_e1f7
        sin 0xcd30_0170_99e0_0983
        cos 0x596a_d623_cbd5_bd68
        tan 0x9492_7990_00f1_1997
        sin_bounded 0xa153_d72f_328f_48fe
        cos_bounded 0xd9d6_0141_12d3_f47b
        tan_bounded 0xb494_69a2_29da_d3c9
        asin 0x57d0_763b_f54c_ade6
        acos 0x0254_9d7d_1417_2068
        atan 0xd39f_618c_fb72_624c
        sinh 0xfe82_b809_e08e_5c7a
        cosh 0xccc7_fdcf_e856_bba0
        tanh 0x9075_3f05_8fc7_781a
        asinh 0x76d7_81f6_b03d_3ed3
        acosh 0x49fd_5e0e_d394_fd88
        atanh 0x67be_4c90_44a8_06cb
        sqrt 0xf1f7_c99c_e271_4302
        cbrt 0x0afd_d31a_ed5e_97ea
        erf 0x2506_fb33_bc56_8a9f
        ln_gamma 0x598d_213f_37a3_b0b0
        digamma 0x0887_1c2e_5da1_b72d
        trigamma 0x9827_aa66_7af0_310c
        erfc 0xe338_b685_3475_274f
        erfcx 0x9f6b_f445_fecc_50ab
        log_ndtr 0x9762_d905_3da4_20a1
        gamma 0xbc5b_92ee_3975_609f
        floor 0x0d23_94ca_cd82_734d
        ceil 0xa050_6d52_8b44_8429
        round 0x024e_6baf_f319_1687
       ;
        two:
        atan2 0x6d71_3474_c9e9_55ad
        hypot 0xdb18_46c0_eca3_f7cd
        pow 0x2bc1_c7db_69cb_087d
        fmod 0x4ba7_7d23_20ec_65ff
        modulo 0x5058_74cb_732a_a49a
    };
    let powi = checksum(|s, i| k::powi(argument(s, i), (next(s) >> 40) as i32 % 50));
    sums.push(("powi", powi, 0x75f2_cdde_6fb2_fbc0));
    let scaled = checksum(|s, i| k::erfcx_derivative(i % 7, argument(s, i)));
    sums.push(("erfcx_derivative", scaled, 0x963b_4854_d654_20ad));
    let normal = checksum(|s, i| k::log_ndtr_derivative(i % 7, argument(s, i)));
    sums.push(("log_ndtr_derivative", normal, 0x504c_87aa_220a_eb7b));
    let fused = checksum(|s, i| k::mul_add(argument(s, i), argument(s, i + 1), argument(s, i + 2)));
    sums.push(("mul_add", fused, 0x9e7f_fd4b_6d57_85e1));
    let changed: String = sums
        .iter()
        .filter(|(_, found, due)| found != due)
        .map(|(name, found, _)| format!("{name} {found:#018x}\n"))
        .collect();
    assert!(changed.is_empty(), "these have other bits now:\n{changed}");
}
