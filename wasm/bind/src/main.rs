//! `bind WASM DIR NAME`: the JavaScript glue of a compiled `.wasm`, as modules that are told where the bytes are.

use std::path::PathBuf;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [wasm, directory, name] = &arguments[..] else { return Err("usage: bind WASM DIR NAME".into()) };
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name(&name.to_string_lossy()).typescript(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.web(true)?.omit_default_module_path(true);
    bindgen.generate(directory)?;
    Ok(())
}
