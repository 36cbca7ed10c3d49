package inkan.jpki;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.CryptoException;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.KeyAgreement;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.ECKey;

/**
 * The ephemeral key pair of an order and what comes of it (PERSO, content
 * encryption). The CA's point is in the order itself, so the private key is
 * needed once, at once: it lives in RAM and is cleared before anything is kept.
 */
final class Agreement {
	private static final short FIELD_SIZE = 32;
	/** Z, in Crypto.work. */
	static final short SECRET = Crypto.PART;
	/** Kenc and Kmac, in Crypto.work behind it. */
	static final short KEYS = Crypto.PART + FIELD_SIZE;
	private static final short HASH_SIZE = 32;

	// P-256 (SEC 2 §2.4.2).
	private static final byte[] P = { -1, -1, -1, -1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1,
			-1, -1, -1, -1, -1 };
	private static final byte[] A = { -1, -1, -1, -1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1,
			-1, -1, -1, -1, -4 };
	private static final byte[] B = { 0x5A, (byte) 0xC6, 0x35, (byte) 0xD8, (byte) 0xAA, 0x3A, (byte) 0x93, (byte) 0xE7, (byte) 0xB3,
			(byte) 0xEB, (byte) 0xBD, 0x55, 0x76, (byte) 0x98, (byte) 0x86, (byte) 0xBC, 0x65, 0x1D, 0x06, (byte) 0xB0, (byte) 0xCC,
			0x53, (byte) 0xB0, (byte) 0xF6, 0x3B, (byte) 0xCE, 0x3C, 0x3E, 0x27, (byte) 0xD2, 0x60, 0x4B };
	private static final byte[] G = { 0x04, 0x6B, 0x17, (byte) 0xD1, (byte) 0xF2, (byte) 0xE1, 0x2C, 0x42, 0x47, (byte) 0xF8,
			(byte) 0xBC, (byte) 0xE6, (byte) 0xE5, 0x63, (byte) 0xA4, 0x40, (byte) 0xF2, 0x77, 0x03, 0x7D, (byte) 0x81, 0x2D,
			(byte) 0xEB, 0x33, (byte) 0xA0, (byte) 0xF4, (byte) 0xA1, 0x39, 0x45, (byte) 0xD8, (byte) 0x98, (byte) 0xC2, (byte) 0x96,
			0x4F, (byte) 0xE3, 0x42, (byte) 0xE2, (byte) 0xFE, 0x1A, 0x7F, (byte) 0x9B, (byte) 0x8E, (byte) 0xE7, (byte) 0xEB, 0x4A,
			0x7C, 0x0F, (byte) 0x9E, 0x16, 0x2B, (byte) 0xCE, 0x33, 0x57, 0x6B, 0x31, 0x5E, (byte) 0xCE, (byte) 0xCB, (byte) 0xB6,
			0x40, 0x68, 0x37, (byte) 0xBF, 0x51, (byte) 0xF5 };
	private static final byte[] N = { -1, -1, -1, -1, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1, (byte) 0xBC, (byte) 0xE6,
			(byte) 0xFA, (byte) 0xAD, (byte) 0xA7, 0x17, (byte) 0x9E, (byte) 0x84, (byte) 0xF3, (byte) 0xB9, (byte) 0xCA, (byte) 0xC2,
			(byte) 0xFC, 0x63, 0x25, 0x51 };

	private final Crypto crypto;
	private final ECPublicKey publicKey;
	private final ECPrivateKey privateKey;
	private final KeyPair pair;
	private final KeyAgreement agreement;

	Agreement(Crypto crypto) {
		this.crypto = crypto;
		publicKey = (ECPublicKey) KeyBuilder.buildKey(KeyBuilder.TYPE_EC_FP_PUBLIC, KeyBuilder.LENGTH_EC_FP_256, false);
		privateKey = (ECPrivateKey) KeyBuilder.buildKey(KeyBuilder.TYPE_EC_FP_PRIVATE_TRANSIENT_RESET, KeyBuilder.LENGTH_EC_FP_256,
				false);
		setCurve(publicKey);
		pair = new KeyPair(publicKey, privateKey);
		agreement = KeyAgreement.getInstance(KeyAgreement.ALG_EC_SVDP_DH_PLAIN, false);
	}

	private static void setCurve(ECKey key) {
		key.setFieldFP(P, (short) 0, FIELD_SIZE);
		key.setA(A, (short) 0, FIELD_SIZE);
		key.setB(B, (short) 0, FIELD_SIZE);
		key.setG(G, (short) 0, (short) G.length);
		key.setR(N, (short) 0, FIELD_SIZE);
		key.setK((short) 1);
	}

	/**
	 * Makes a new pair and Z with a point of the other side: 6A80 when that is no
	 * point of the curve. Spec: SPEC-PERSO-020, SPEC-PERSO-026.
	 */
	void agree(byte[] b, short point) {
		setCurve(privateKey); // a reset took it
		pair.genKeyPair();
		boolean good = false;
		try {
			agreement.init(privateKey);
			agreement.generateSecret(b, point, Orders.POINT_SIZE, crypto.work, SECRET);
			good = true;
		} catch (CryptoException e) {
			crypto.wipe();
		}
		privateKey.clearKey();
		if (!good) {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
	}

	/** Copies the ephemeral point. */
	void point(byte[] b, short offset) {
		publicKey.getW(b, offset);
	}

	/** Derives Kenc and Kmac of a slot out of Z: ANSI X9.63 with SHA-256. */
	void derive(byte[] aid, short aidLength, byte[] slots, short hash, short point) {
		byte[] work = crypto.work;
		Util.setShort(work, Crypto.SMALL, (short) 0);
		for (byte i = 0; i < 2; i++) {
			Util.setShort(work, (short) (Crypto.SMALL + 2), (short) (i + 1));
			crypto.digest.update(work, SECRET, FIELD_SIZE);
			crypto.digest.update(work, Crypto.SMALL, (short) 4);
			crypto.digest.update(Label.VALUE, (short) 0, Label.SIZE);
			crypto.digest.update(aid, (short) 0, aidLength);
			crypto.digest.update(slots, hash, Orders.HASH_SIZE);
			crypto.digest.doFinal(slots, point, Orders.POINT_SIZE, work, (short) (KEYS + i * HASH_SIZE));
		}
	}
}
