mod notations;
mod properties;
mod settling;
mod shared_files;
