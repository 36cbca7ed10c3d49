package inkan.jpki;

import javacard.framework.ISO7816;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.AESKey;
import javacardx.crypto.Cipher;

/**
 * The plain content of an envelope as a stream of bytes: decrypted block by
 * block into RAM, so that no plain byte is in NVM but where it belongs.
 * Spec: SPEC-PERSO-061.
 */
final class Plain {
	private static final short BLOCK = 16;
	/** Where the ciphertext begins: behind sequence and type. */
	private static final short AT = 2;
	// Indexes in the registers.
	private static final short POSITION = 0;
	private static final short SIZE = 1;
	private static final short CIPHER = 2;
	/** For Envelope. */
	static final short SEEN_AUTH = 3;
	static final short SEEN_SIGN = 4;
	private static final short REGISTERS = 5;

	/** Registers in RAM. */
	final short[] ram;
	private final Crypto crypto;
	private final byte[] work;
	private final byte[] staging;

	Plain(Crypto crypto, byte[] staging) {
		this.crypto = crypto;
		this.staging = staging;
		work = crypto.work;
		ram = JCSystem.makeTransientShortArray(REGISTERS, JCSystem.CLEAR_ON_RESET);
	}

	/** Finds the padding of a ciphertext: 6A80 when there is none. */
	void open(AESKey key, short length) {
		short last = (short) (AT + length - BLOCK);
		ram[CIPHER] = length;
		if (length == BLOCK) {
			initial(key);
			crypto.aes.init(key, Cipher.MODE_DECRYPT, work, Crypto.BLOCK, BLOCK);
		} else {
			crypto.aes.init(key, Cipher.MODE_DECRYPT, staging, (short) (last - BLOCK), BLOCK);
		}
		crypto.aes.doFinal(staging, last, BLOCK, work, Crypto.CHUNK);
		short n = BLOCK;
		do {
			n--;
		} while (n > 0 && work[(short) (Crypto.CHUNK + n)] == 0);
		Status.need(work[(short) (Crypto.CHUNK + n)] == (byte) 0x80, ISO7816.SW_WRONG_DATA);
		ram[SIZE] = (short) (length - BLOCK + n);
	}

	/** Goes to the beginning. */
	void rewind(AESKey key) {
		initial(key);
		crypto.aes.init(key, Cipher.MODE_DECRYPT, work, Crypto.BLOCK, BLOCK);
		ram[POSITION] = 0;
	}

	/** Makes the initial value of sequence and type. */
	private void initial(AESKey key) {
		Util.arrayFillNonAtomic(work, Crypto.BLOCK, BLOCK, (byte) 0);
		Util.arrayCopyNonAtomic(staging, (short) 0, work, Crypto.BLOCK, AT);
		crypto.aes.init(key, Cipher.MODE_ENCRYPT);
		crypto.aes.doFinal(work, Crypto.BLOCK, BLOCK, work, Crypto.BLOCK);
	}

	/** How many bytes are left. */
	short left() {
		return (short) (ram[SIZE] - ram[POSITION]);
	}

	/** The next byte. */
	byte next() {
		short inChunk = chunk();
		ram[POSITION]++;
		return work[(short) (Crypto.CHUNK + inChunk)];
	}

	/** Copies the next bytes, outside any transaction. */
	void copy(byte[] b, short offset, short length) {
		while (length > 0) {
			short inChunk = chunk();
			short n = part(inChunk, length);
			Util.arrayCopyNonAtomic(work, (short) (Crypto.CHUNK + inChunk), b, offset, n);
			offset += n;
			length -= n;
		}
	}

	/** Passes over the next bytes. */
	void skip(short length) {
		while (length > 0) {
			length -= part(chunk(), length);
		}
	}

	/** Makes sure that the next byte is decrypted; returns where in the chunk it is. */
	private short chunk() {
		short at = ram[POSITION];
		short inChunk = (short) (at & (Crypto.CHUNK_SIZE - 1));
		if (inChunk == 0) {
			decrypt(at);
		}
		return inChunk;
	}

	/** Takes at most length bytes of the chunk from an index on; returns how many. */
	private short part(short inChunk, short length) {
		short n = (short) (Crypto.CHUNK_SIZE - inChunk);
		if (n > length) {
			n = length;
		}
		ram[POSITION] += n;
		return n;
	}

	private void decrypt(short at) {
		short n = (short) (ram[CIPHER] - at);
		if (n > Crypto.CHUNK_SIZE) {
			n = Crypto.CHUNK_SIZE;
		}
		crypto.aes.update(staging, (short) (AT + at), n, work, Crypto.CHUNK);
	}
}
