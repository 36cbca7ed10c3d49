// refused 6: is in javacard/framework only since 1.8
package inkan.lang.newer;

public class Case {
    static boolean f(byte[] a) {
        return javacard.framework.JCSystem.isArrayView(a);
    }
}
