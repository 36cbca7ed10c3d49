package inkan.jpki;

import javacard.framework.Util;
import javacard.security.AESKey;
import javacardx.crypto.Cipher;

/**
 * AES-CMAC (SP 800-38B, RFC 4493) out of AES-CBC without padding, since cards of
 * this API have no algorithm of its own for it. What comes is collected in
 * Crypto.CHUNK; the last block has to wait for finish.
 */
final class Cmac {
	private static final short BLOCK = 16;

	private final Crypto crypto;
	private final byte[] work;
	private final Cipher aes;

	Cmac(Crypto crypto) {
		this.crypto = crypto;
		work = crypto.work;
		aes = crypto.aes;
	}

	/** Begins. The number of bytes collected is in Crypto.SMALL. */
	void start(AESKey key) {
		Util.arrayFillNonAtomic(work, Crypto.BLOCK, BLOCK, (byte) 0);
		aes.init(key, Cipher.MODE_ENCRYPT);
		aes.doFinal(work, Crypto.BLOCK, BLOCK, work, Crypto.BLOCK);
		aes.init(key, Cipher.MODE_ENCRYPT);
		work[Crypto.SMALL] = 0;
	}

	/** Takes the next part of the message. */
	void update(byte[] b, short offset, short length) {
		short n = work[Crypto.SMALL];
		while (length > 0) {
			if (n == Crypto.CHUNK_SIZE) {
				aes.update(work, Crypto.CHUNK, n, work, Crypto.CHUNK);
				n = 0;
			}
			short part = (short) (Crypto.CHUNK_SIZE - n);
			if (part > length) {
				part = length;
			}
			Util.arrayCopyNonAtomic(b, offset, work, (short) (Crypto.CHUNK + n), part);
			n += part;
			offset += part;
			length -= part;
		}
		work[Crypto.SMALL] = (byte) n;
	}

	/** Ends: the MAC is at Crypto.BLOCK. The message has a byte at least. */
	void finish() {
		short n = work[Crypto.SMALL];
		short whole = (short) ((short) (n - 1) & ~(BLOCK - 1));
		if (whole > 0) {
			aes.update(work, Crypto.CHUNK, whole, work, Crypto.CHUNK);
		}
		doubleSubkey();
		short last = (short) (Crypto.CHUNK + whole);
		if ((short) (n - whole) < BLOCK) {
			doubleSubkey();
			work[(short) (Crypto.CHUNK + n)] = (byte) 0x80;
			Util.arrayFillNonAtomic(work, (short) (Crypto.CHUNK + n + 1), (short) (BLOCK - 1 - (n - whole)), (byte) 0);
		}
		for (short i = 0; i < BLOCK; i++) {
			work[(short) (last + i)] ^= work[(short) (Crypto.BLOCK + i)];
		}
		aes.doFinal(work, last, BLOCK, work, Crypto.BLOCK);
	}

	/** Multiplies by x in GF(2^128), without a branch on the key. */
	private void doubleSubkey() {
		short carry = (short) ((work[Crypto.BLOCK] >> 7) & 0x87);
		for (short i = 0; i < (short) (BLOCK - 1); i++) {
			short at = (short) (Crypto.BLOCK + i);
			work[at] = (byte) ((short) (work[at] << 1) | (short) ((work[(short) (at + 1)] >> 7) & 1));
		}
		short at = (short) (Crypto.BLOCK + BLOCK - 1);
		work[at] = (byte) ((short) (work[at] << 1) ^ carry);
	}
}
