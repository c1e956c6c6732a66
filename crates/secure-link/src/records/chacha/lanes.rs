//! A word of each of four blocks: one vector where there are such, else an array.

#[cfg(target_feature = "simd128")]
mod vector {
    use core::arch::wasm32::{
        i8x16_shuffle, i32x4_shuffle, i64x2_shuffle, u32x4, u32x4_add, u32x4_shl, u32x4_shr, u32x4_splat,
        u64x2_extract_lane, v128, v128_or, v128_xor,
    };

    #[derive(Clone, Copy)]
    pub(crate) struct Lanes(v128);

    impl Lanes {
        #[inline(always)]
        pub(crate) fn splat(word: u32) -> Self {
            Self(u32x4_splat(word))
        }

        #[inline(always)]
        pub(crate) fn new([a, b, c, d]: [u32; 4]) -> Self {
            Self(u32x4(a, b, c, d))
        }

        #[inline(always)]
        pub(crate) fn plus(self, other: Self) -> Self {
            Self(u32x4_add(self.0, other.0))
        }

        #[inline(always)]
        pub(crate) fn xor(self, other: Self) -> Self {
            Self(v128_xor(self.0, other.0))
        }

        #[inline(always)]
        pub(crate) fn rotate<const BITS: u32>(self) -> Self {
            Self(v128_or(u32x4_shl(self.0, BITS), u32x4_shr(self.0, 32 - BITS)))
        }

        /// By whole bytes a vector is rotated with one instruction.
        #[inline(always)]
        pub(crate) fn rotate_16(self) -> Self {
            Self(i8x16_shuffle::<2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13>(self.0, self.0))
        }

        #[inline(always)]
        pub(crate) fn rotate_8(self) -> Self {
            Self(i8x16_shuffle::<3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14>(self.0, self.0))
        }

        /// Four words of four blocks become four blocks' four words.
        #[inline(always)]
        pub(crate) fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
            let (low_ab, high_ab) = (i32x4_shuffle::<0, 4, 1, 5>(a.0, b.0), i32x4_shuffle::<2, 6, 3, 7>(a.0, b.0));
            let (low_cd, high_cd) = (i32x4_shuffle::<0, 4, 1, 5>(c.0, d.0), i32x4_shuffle::<2, 6, 3, 7>(c.0, d.0));
            [
                Self(i64x2_shuffle::<0, 2>(low_ab, low_cd)),
                Self(i64x2_shuffle::<1, 3>(low_ab, low_cd)),
                Self(i64x2_shuffle::<0, 2>(high_ab, high_cd)),
                Self(i64x2_shuffle::<1, 3>(high_ab, high_cd)),
            ]
        }

        #[inline(always)]
        pub(crate) fn xor_into(self, bytes: &mut [u8; 16]) {
            let words = u128::from(u64x2_extract_lane::<0>(self.0)) | u128::from(u64x2_extract_lane::<1>(self.0)) << 64;
            *bytes = (u128::from_le_bytes(*bytes) ^ words).to_le_bytes();
        }
    }
}

#[cfg(not(target_feature = "simd128"))]
mod array {
    #[derive(Clone, Copy)]
    pub(crate) struct Lanes([u32; 4]);

    impl Lanes {
        pub(crate) fn splat(word: u32) -> Self {
            Self([word; 4])
        }

        pub(crate) fn new(words: [u32; 4]) -> Self {
            Self(words)
        }

        pub(crate) fn plus(self, other: Self) -> Self {
            Self(std::array::from_fn(|lane| self.0[lane].wrapping_add(other.0[lane])))
        }

        pub(crate) fn xor(self, other: Self) -> Self {
            Self(std::array::from_fn(|lane| self.0[lane] ^ other.0[lane]))
        }

        pub(crate) fn rotate<const BITS: u32>(self) -> Self {
            Self(self.0.map(|word| word.rotate_left(BITS)))
        }

        pub(crate) fn rotate_16(self) -> Self {
            self.rotate::<16>()
        }

        pub(crate) fn rotate_8(self) -> Self {
            self.rotate::<8>()
        }

        /// Four words of four blocks become four blocks' four words.
        pub(crate) fn transpose(rows: [Self; 4]) -> [Self; 4] {
            std::array::from_fn(|block| Self(rows.map(|row| row.0[block])))
        }

        pub(crate) fn xor_into(self, bytes: &mut [u8; 16]) {
            for (bytes, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(self.0) {
                *bytes = (u32::from_le_bytes(*bytes) ^ word).to_le_bytes();
            }
        }
    }
}

#[cfg(not(target_feature = "simd128"))]
pub(super) use array::Lanes;
#[cfg(target_feature = "simd128")]
pub(super) use vector::Lanes;
