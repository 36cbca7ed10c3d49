package inkan.jpki;

import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.MessageDigest;
import javacard.security.RandomData;
import javacardx.crypto.Cipher;

/**
 * The algorithm objects and the one working memory in RAM. Parts of the working
 * memory are used by one procedure at a time, as the offsets say; who put a
 * secret there calls wipe.
 */
final class Crypto {
	// Offsets in work. What overlaps is never needed together.
	/** Cmac, and decryption: blocks under way. */
	static final short CHUNK = 0;
	static final short CHUNK_SIZE = 64;
	/** Decryption: one part of a key. Orders: hash, shared secret, wrap keys. Signer: PSS. */
	static final short PART = 64;
	static final short PART_SIZE = 128;
	/** Cmac: subkey and result. Decryption: initial value. */
	static final short BLOCK = 192;
	/** Decryption: the codes of both roles. */
	static final short CODES = 208;
	static final short CODE_SIZE = 12;
	/** State: masks. */
	static final short MASKS = 232;
	/** Small values. */
	static final short SMALL = 236;
	private static final short SIZE = 240;

	final byte[] work;
	/** SHA-256. */
	final MessageDigest digest;
	final RandomData random;
	/** RSA without padding: all encodings are made here, see Signer. */
	final Cipher rsa;
	/** AES-CBC without padding. */
	final Cipher aes;

	Crypto() {
		work = JCSystem.makeTransientByteArray(SIZE, JCSystem.CLEAR_ON_RESET);
		digest = MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false);
		random = RandomData.getInstance(RandomData.ALG_SECURE_RANDOM);
		rsa = Cipher.getInstance(Cipher.ALG_RSA_NOPAD, false);
		aes = Cipher.getInstance(Cipher.ALG_AES_BLOCK_128_CBC_NOPAD, false);
	}

	/** Forgets what is in the working memory. */
	void wipe() {
		Util.arrayFillNonAtomic(work, (short) 0, SIZE, (byte) 0);
	}

	/** Compares without telling where the difference is. */
	static boolean equal(byte[] a, short aOffset, byte[] b, short bOffset, short length) {
		byte difference = 0;
		for (short i = 0; i < length; i++) {
			difference |= (byte) (a[(short) (aOffset + i)] ^ b[(short) (bOffset + i)]);
		}
		return difference == 0;
	}
}
