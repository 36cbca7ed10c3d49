package inkan.jpki;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import javacard.security.CryptoException;
import javacardx.crypto.Cipher;

/**
 * RSA signatures (JPKI-AP, signature). The card does the bare operation; the
 * encoded message is made here, in the APDU buffer, so that every card offers
 * every P1. None of what is encoded is secret.
 */
final class Signer {
	private static final byte RAW = 0x00;
	private static final byte HASH = 0x01;
	private static final byte DIGEST = 0x02;
	private static final byte MESSAGE = 0x03;
	private static final byte DIGEST_PSS = 0x04;
	private static final byte MESSAGE_PSS = 0x05;

	private static final short EM_SIZE = 256;
	private static final short HASH_SIZE = 32;
	private static final short SALT_SIZE = 32;
	/** Padding takes 11 bytes at least. */
	private static final short RAW_MOST = 245;
	/** DB of EMSA-PSS; H and BC are behind it. */
	private static final short DB_SIZE = 223;
	private static final byte BC = (byte) 0xBC;

	/** DER of a DigestInfo with SHA-256 up to the hash. */
	private static final byte[] DIGEST_INFO = { 0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, (byte) 0x86, 0x48, 0x01, 0x65, 0x03,
			0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };

	private final State state;
	private final Content content;
	private final Pins pins;
	private final Files files;
	private final Crypto crypto;

	Signer(State state, Content content, Pins pins, Files files, Crypto crypto) {
		this.state = state;
		this.content = content;
		this.pins = pins;
		this.files = files;
		this.crypto = crypto;
	}

	/** The signature command. Spec: SPEC-JPKI-AP-070 to SPEC-JPKI-AP-074. */
	void sign(APDU apdu, byte[] b) {
		byte mode = b[ISO7816.OFFSET_P1];
		Status.need(mode >= RAW && mode <= MESSAGE_PSS, ISO7816.SW_INCORRECT_P1P2);
		Files.checkReference(b[ISO7816.OFFSET_P2]);
		short n = Input.receive(apdu);
		byte ef = files.key(b[ISO7816.OFFSET_P2]);
		byte role = Ef.role(ef);
		Status.need(state.phase() == State.ACTIVE && state.has(State.of(State.KEY, role)), ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		Status.need(pins.isVerified(role), ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
		Status.need(lengthFits(mode, n), ISO7816.SW_WRONG_LENGTH);
		files.setCurrent(ef);
		pins.spend();
		encode(mode, b, n);
		raw(role, b, (short) 0);
		apdu.setOutgoing();
		apdu.setOutgoingLength(EM_SIZE);
		apdu.sendBytes((short) 0, EM_SIZE);
	}

	private static boolean lengthFits(byte mode, short n) {
		if (mode == DIGEST || mode == DIGEST_PSS) {
			return n == HASH_SIZE;
		}
		return n > 0 && (mode != RAW || n <= RAW_MOST);
	}

	/** Makes the encoded message at the beginning of the APDU buffer of the data behind the header. */
	private void encode(byte mode, byte[] b, short n) {
		if (mode == HASH || mode == MESSAGE || mode == MESSAGE_PSS) {
			n = crypto.digest.doFinal(b, Input.DATA, n, b, Input.DATA);
		}
		if (mode == DIGEST_PSS || mode == MESSAGE_PSS) {
			encodePSS(b);
			return;
		}
		short at = (short) (EM_SIZE - n);
		Util.arrayCopyNonAtomic(b, Input.DATA, b, at, n);
		if (mode == DIGEST || mode == MESSAGE) {
			padDigest(b, (short) 0);
		} else {
			pad(b, (short) 0, at);
		}
	}

	/** PKCS #1 v1.5 type 1 padding in front of offset + at. Spec: RFC 8017 §9.2. */
	private static void pad(byte[] b, short offset, short at) {
		b[offset] = 0;
		b[(short) (offset + 1)] = 1;
		Util.arrayFillNonAtomic(b, (short) (offset + 2), (short) (at - 3), (byte) 0xFF);
		b[(short) (offset + at - 1)] = 0;
	}

	/** DigestInfo and padding in front of the hash that ends an encoded message. */
	static void padDigest(byte[] b, short offset) {
		short at = (short) (EM_SIZE - HASH_SIZE - DIGEST_INFO.length);
		Util.arrayCopyNonAtomic(DIGEST_INFO, (short) 0, b, (short) (offset + at), (short) DIGEST_INFO.length);
		pad(b, offset, at);
	}

	/** EMSA-PSS of the hash behind the header. Spec: RFC 8017 §9.1.1, with 2047 bits. */
	private void encodePSS(byte[] b) {
		byte[] work = crypto.work;
		short salt = (short) (8 + HASH_SIZE);
		Util.arrayFillNonAtomic(work, (short) 0, (short) 8, (byte) 0);
		Util.arrayCopyNonAtomic(b, Input.DATA, work, (short) 8, HASH_SIZE);
		crypto.random.generateData(work, salt, SALT_SIZE);
		crypto.digest.doFinal(work, (short) 0, (short) (salt + SALT_SIZE), b, DB_SIZE);
		b[(short) (EM_SIZE - 1)] = BC;
		short at = (short) (DB_SIZE - SALT_SIZE);
		Util.arrayFillNonAtomic(b, (short) 0, at, (byte) 0);
		b[(short) (at - 1)] = 1;
		Util.arrayCopyNonAtomic(work, salt, b, at, SALT_SIZE);
		mask(b, work);
		b[0] &= 0x7F;
		crypto.wipe();
	}

	/** MGF1 with SHA-256 of H, over DB. */
	private void mask(byte[] b, byte[] work) {
		Util.arrayFillNonAtomic(work, (short) 0, (short) 4, (byte) 0);
		for (short at = 0; at < DB_SIZE; work[3]++) {
			crypto.digest.update(b, DB_SIZE, HASH_SIZE);
			crypto.digest.doFinal(work, (short) 0, (short) 4, work, (short) 4);
			for (short i = 4; i < (short) (4 + HASH_SIZE) && at < DB_SIZE; i++) {
				b[at++] ^= work[i];
			}
		}
	}

	/**
	 * The private operation on 256 bytes, in place. A key that the card refuses
	 * is as good as none: a delivered one may be.
	 */
	void raw(byte role, byte[] b, short offset) {
		try {
			crypto.rsa.init(content.privateKey(role), Cipher.MODE_DECRYPT);
			crypto.rsa.doFinal(b, offset, EM_SIZE, b, offset);
		} catch (CryptoException e) {
			ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		}
	}
}
