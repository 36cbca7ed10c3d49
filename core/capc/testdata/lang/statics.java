// accepted applet
package inkan.lang.statics;

import javacard.framework.*;

public class Case extends Applet {
    static byte three = 3;
    static final byte[] NAME = { 'i', 'n' };
    static Object nothing;
    static short zero, big = 0x1234;
    static boolean[] flags = { true, false };
    static final short CONSTANT = 5;

    public static void install(byte[] b, short o, byte n) { new Case().register(); }

    public void process(APDU apdu) { three++; }
}
